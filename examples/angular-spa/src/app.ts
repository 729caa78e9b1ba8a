// What is around every page.
import { Component, CUSTOM_ELEMENTS_SCHEMA, inject } from "@angular/core";
import { RouterLink, RouterOutlet } from "@angular/router";
import { SessionService } from "hallpass/angular";

@Component({
  selector: "app-root",
  imports: [RouterLink, RouterOutlet],
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    @if (session.userId()) {
      <header>
        <a routerLink="/">Home</a>
        <a routerLink="/staff">Staff</a>
        <a routerLink="/devices">Your devices</a>
        <hallpass-sign-out />
      </header>
    }
    <main><router-outlet /></main>
  `,
})
export class App {
  protected readonly session = inject(SessionService);
}
