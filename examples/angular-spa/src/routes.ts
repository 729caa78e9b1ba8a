// The pages, and who may go there.
import type { Routes } from "@angular/router";
import { sessionGuard } from "hallpass/angular";
import { Denied, Devices, Home, NotFound, SignIn, Staff } from "./pages";
import { isStaff } from "./session";

export const routes: Routes = [
  { path: "sign-in", component: SignIn },
  { path: "", pathMatch: "full", component: Home, canActivate: [sessionGuard()] },
  { path: "staff", component: Staff, canActivate: [sessionGuard({ validators: [isStaff], redirectTo: "/denied" })] },
  { path: "devices", component: Devices, canActivate: [sessionGuard()] },
  { path: "denied", component: Denied, canActivate: [sessionGuard()] },
  { path: "**", component: NotFound },
];
