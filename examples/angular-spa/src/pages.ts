// The pages.
// ANCHOR: imports
import { HttpClient, HttpParams } from "@angular/common/http";
import { Component, CUSTOM_ELEMENTS_SCHEMA, inject, signal } from "@angular/core";
import { toSignal } from "@angular/core/rxjs-interop";
import { FormsModule } from "@angular/forms";
import { ActivatedRoute, Router } from "@angular/router";
import { SessionService } from "hallpass/angular";
import { returnPath } from "hallpass/decide";
import { firstValueFrom } from "rxjs";
import type { Claims } from "./session";
// ANCHOR_END: imports

// ANCHOR: call
/** What the server answers. */
const answerOf = (url: string) =>
  toSignal(inject(HttpClient).get(url, { responseType: "text" }), { initialValue: "…" });
// ANCHOR_END: call

// ANCHOR: home
@Component({
  template: `
    <h1>{{ session.payload()?.greeting }}, {{ session.userId() }}</h1>
    <p>The server says: {{ me() }}</p>
  `,
})
export class Home {
  protected readonly session = inject<SessionService<Claims>>(SessionService);
  protected readonly me = answerOf("/api/me");
}
// ANCHOR_END: home

@Component({
  template: `
    <h1>Staff</h1>
    <p>The server says: {{ answer() }}</p>
  `,
})
export class Staff {
  protected readonly answer = answerOf("/api/staff");
}

// ANCHOR: pieces
@Component({ template: "<hallpass-devices />", schemas: [CUSTOM_ELEMENTS_SCHEMA] })
export class Devices {}

@Component({
  template: "<hallpass-denied>This page is for staff.</hallpass-denied>",
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
})
export class Denied {}
// ANCHOR_END: pieces

@Component({ template: "<h1>There is no such page</h1>" })
export class NotFound {}

@Component({
  imports: [FormsModule],
  template: `
    <form (ngSubmit)="submit()">
      <h1>Sign in</h1>
      <label for="user">Name (staff have names like staff-ada)</label>
      <input id="user" name="user" [(ngModel)]="user" autocomplete="username" required />
      <button>Sign in</button>
      @if (failed()) {
        <p role="alert">That did not work. Please try again.</p>
      }
    </form>
  `,
})
// ANCHOR: sign-in
export class SignIn {
  private readonly http = inject(HttpClient);
  private readonly router = inject(Router);
  private readonly route = inject(ActivatedRoute);
  protected readonly user = signal("");
  protected readonly failed = signal(false);

  protected async submit(): Promise<void> {
    this.failed.set(false);
    try {
      const body = new HttpParams({ fromObject: { user: this.user() } });
      await firstValueFrom(this.http.post("/api/login", body, { responseType: "text" }));
      await this.router.navigateByUrl(returnPath(this.route.snapshot.queryParamMap.get("redirectToPath")));
    } catch (error) {
      console.error(error);
      this.failed.set(true);
    }
  }
}
// ANCHOR_END: sign-in
