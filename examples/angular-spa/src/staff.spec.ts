// Who sees the page for staff: with a session that the test decides on, and no server.
import { provideHttpClient } from "@angular/common/http";
import { HttpTestingController, provideHttpClientTesting } from "@angular/common/http/testing";
import { TestBed } from "@angular/core/testing";
import { provideRouter, Router } from "@angular/router";
import { RouterTestingHarness } from "@angular/router/testing";
import { provideSession } from "hallpass/angular";
import { fakeSession } from "hallpass/testing";
import { expect, test, vi } from "vitest";
import { routes } from "./routes";
import { LOGIN } from "./session";

async function open(staff: boolean) {
  const session = fakeSession({ userId: "ada", payload: { staff } });
  TestBed.configureTestingModule({
    providers: [
      provideRouter(routes),
      provideHttpClient(),
      provideHttpClientTesting(),
      provideSession(session, { loginUrl: LOGIN }),
    ],
  });
  const { fixture } = await RouterTestingHarness.create("/staff");
  const shows = (text: string) => vi.waitFor(() => expect(fixture.nativeElement.textContent).toContain(text));
  return { session, shows, url: () => TestBed.inject(Router).url };
}

test("staff see what the server says", async () => {
  const { shows } = await open(true);
  TestBed.inject(HttpTestingController).expectOne("/api/staff").flush("hello");
  await shows("The server says: hello");
});

test("others are told that it is for staff", async () => {
  const { shows } = await open(false);
  await shows("This page is for staff.");
});

test("whoever signs out is asked to sign in", async () => {
  const { session, url } = await open(true);
  await session.signOut();
  await vi.waitFor(() => expect(url()).toBe("/sign-in"));
});
