// What is around every page, and around those that not everybody may see.
// ANCHOR: root
import type { ClaimValidator } from "hallpass";
import { SessionGuard, SessionProvider, useSession } from "hallpass/react";
import { DeniedPage, SignOutButton } from "hallpass/ui/react";
import { useCallback } from "react";
import { NavLink, Outlet, useLocation, useNavigate } from "react-router";
import { LOGIN, session } from "./session";

export function Root() {
  const go = useNavigate();
  const navigate = useCallback((to: string) => go(to, { replace: true }), [go]);
  return (
    <SessionProvider client={session} loginUrl={LOGIN} navigate={navigate}>
      <Header />
      <main>
        <Outlet />
      </main>
    </SessionProvider>
  );
}
// ANCHOR_END: root

// ANCHOR: protected
export function Protected({ validators = [] }: { validators?: ClaimValidator[] }) {
  const { pathname, search } = useLocation();
  return (
    <SessionGuard
      validators={validators}
      currentUrl={pathname + search}
      fallback={<p>One moment…</p>}
      denied={<DeniedPage>This page is for staff.</DeniedPage>}
    >
      <Outlet />
    </SessionGuard>
  );
}
// ANCHOR_END: protected

// ANCHOR: header
function Header() {
  const isSignedIn = useSession(({ userId }) => userId !== undefined);
  if (!isSignedIn) return null;
  return (
    <header>
      <NavLink to="/">Home</NavLink>
      <NavLink to="/staff">Staff</NavLink>
      <NavLink to="/devices">Your devices</NavLink>
      <SignOutButton />
    </header>
  );
}
// ANCHOR_END: header
