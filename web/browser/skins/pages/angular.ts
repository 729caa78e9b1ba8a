// The views as an Angular app has them, without zones unless they are there.
import "@angular/compiler";
import { HttpClient, provideHttpClient, withInterceptors } from "@angular/common/http";
import { Component, inject, NgZone, provideZoneChangeDetection, provideZonelessChangeDetection } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { provideRouter, Router, RouterOutlet } from "@angular/router";
import { firstValueFrom } from "rxjs";
import { provideSession, SessionService, sessionGuard, sessionInterceptor } from "../../../src/angular/index.js";
import { UserRoleClaim } from "../../../src/claims/index.js";
import { createSession } from "../../../src/index.js";

const client = createSession();
const admins = [UserRoleClaim.validators.includes("admin")];

@Component({
  selector: "app-who",
  template: `{{ title }} {{ session.userId() ?? session.status() }} {{ roles() ?? "-" }}`,
})
class Who {
  readonly title = inject(Router).url.split("?")[0];
  readonly session = inject(SessionService);
  readonly roles = this.session.claim(UserRoleClaim);
}

@Component({ selector: "#app", imports: [RouterOutlet], template: "<router-outlet />" })
class Root {}

export const started = bootstrapApplication(Root, {
  providers: [
    "Zone" in window ? provideZoneChangeDetection() : provideZonelessChangeDetection(),
    provideSession(client, { loginUrl: "/login" }),
    provideHttpClient(withInterceptors([sessionInterceptor])),
    provideRouter([
      { path: "open", component: Who },
      { path: "login", component: Who },
      { path: "account", component: Who, canActivate: [sessionGuard()] },
      { path: "admin", component: Who, canActivate: [sessionGuard({ validators: admins, redirectTo: "/open" })] },
      { path: "strict", component: Who, canActivate: [sessionGuard({ validators: admins })] },
      { path: "matched", component: Who, canMatch: [sessionGuard()] },
      { path: "matched", component: Who },
      { path: "offline", component: Who, canActivate: [sessionGuard({ offline: "allow" })] },
      { path: "", component: Who },
    ]),
  ],
}).then(({ injector }) => {
  const router = injector.get(Router);
  const http = injector.get(HttpClient);
  const moves: string[] = [];
  router.events.subscribe(() => moves.at(-1) !== router.url && moves.push(router.url));
  const app = {
    client,
    moves,
    go: (view: string) => injector.get(NgZone).run(() => router.navigateByUrl(`/${view}`)),
    http: (path: string, body?: unknown) =>
      firstValueFrom(
        http.request(body === undefined ? "GET" : "POST", path, { body, responseType: "text", observe: "response" }),
      ).then(
        ({ status, body }) => `${status} ${body}`,
        ({ status, error }) => `${status} ${error}`,
      ),
  };
  Object.assign(window, { app });
});
