// The pages.
import { returnPath } from "hallpass/decide";
import { SessionGuard, useSession } from "hallpass/react";
import { DeniedPage, Devices, SignOutButton } from "hallpass/ui/react";
import { type FormEvent, type MouseEvent, type ReactNode, useEffect, useState } from "react";
import { go, usePath } from "./router";
import { type Claims, isStaff, LOGIN, session } from "./session";

export function App() {
  const path = usePath();
  const isSignedIn = useSession(({ userId }) => userId !== undefined);
  return (
    <>
      {isSignedIn && (
        <header>
          <Link to="/">Home</Link>
          <Link to="/staff">Staff</Link>
          <Link to="/devices">Your devices</Link>
          <SignOutButton />
        </header>
      )}
      <main>
        <Page path={path} />
      </main>
    </>
  );
}

function Page({ path }: { path: string }) {
  switch (path) {
    case LOGIN:
      return <SignIn />;
    case "/":
      return (
        <SessionGuard fallback={<p>One moment…</p>}>
          <Home />
        </SessionGuard>
      );
    case "/staff":
      return (
        <SessionGuard validators={[isStaff]} denied={<DeniedPage>This page is for staff.</DeniedPage>}>
          <Staff />
        </SessionGuard>
      );
    case "/devices":
      return (
        <SessionGuard>
          <Devices />
        </SessionGuard>
      );
    default:
      return <h1>There is no such page</h1>;
  }
}

function SignIn() {
  const [problem, setProblem] = useState<string>();

  async function signIn(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setProblem(undefined);
    try {
      // through the session, so that it sees the tokens in the answer
      const body = new URLSearchParams({ user: String(new FormData(event.currentTarget).get("user")) });
      const answer = await session.fetch("/api/login", { method: "POST", body });
      if (!answer.ok) throw new Error(await answer.text());
      go(returnPath(new URLSearchParams(location.search).get("redirectToPath")));
    } catch (error) {
      console.error(error);
      setProblem("That did not work. Please try again.");
    }
  }

  return (
    <form onSubmit={signIn}>
      <h1>Sign in</h1>
      <label htmlFor="user">Name (staff have names like staff-ada)</label>
      <input id="user" name="user" autoComplete="username" required />
      <button type="submit">Sign in</button>
      {problem && <p role="alert">{problem}</p>}
    </form>
  );
}

function Home() {
  const { userId, payload } = useSession<Claims>();
  const me = useAnswer("/api/me");
  return (
    <>
      <h1>
        {payload?.greeting}, {userId}
      </h1>
      <p>The server says: {me}</p>
    </>
  );
}

function Staff() {
  const answer = useAnswer("/api/staff");
  return (
    <>
      <h1>Staff</h1>
      <p>The server says: {answer}</p>
    </>
  );
}

/** What the server answers to a request with the session. */
function useAnswer(url: string): string {
  const [text, setText] = useState("…");
  useEffect(() => {
    const leaving = new AbortController();
    session
      .fetch(url, { signal: leaving.signal })
      .then((answer) => answer.text())
      .then(setText, (error) => leaving.signal.aborted || setText(String(error)));
    return () => leaving.abort();
  }, [url]);
  return text;
}

function Link({ to, children }: { to: string; children: ReactNode }) {
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={to} onClick={follow} aria-current={usePath() === to ? "page" : undefined}>
      {children}
    </a>
  );
}
