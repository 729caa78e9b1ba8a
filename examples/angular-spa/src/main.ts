import { provideHttpClient, withFetch, withInterceptors } from "@angular/common/http";
import { provideZonelessChangeDetection } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { provideRouter, Router } from "@angular/router";
import { provideSession, sessionInterceptor } from "hallpass/angular";
import { defineElements } from "hallpass/ui";
import { App } from "./app";
import { routes } from "./routes";
import { LOGIN, session } from "./session";

const app = await bootstrapApplication(App, {
  providers: [
    provideZonelessChangeDetection(),
    provideRouter(routes),
    provideHttpClient(withFetch(), withInterceptors([sessionInterceptor])),
    provideSession(session, { loginUrl: LOGIN }),
  ],
});
const router = app.injector.get(Router);
defineElements(session, { loginUrl: LOGIN, navigate: (to) => void router.navigateByUrl(to) });
