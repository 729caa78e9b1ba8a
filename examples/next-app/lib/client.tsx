"use client";

// ANCHOR: root
import { createSession, type SessionClient, type Snapshot } from "hallpass";
import { installFetch } from "hallpass/install";
import { Devices } from "hallpass/ui/react";
import { useRouter } from "next/navigation";
import { createContext, type ReactNode, use, useEffect, useState } from "react";

const Session = createContext<SessionClient | undefined>(undefined);

const CHANGES = new Set(["UNAUTHORISED", "ACCESS_TOKEN_PAYLOAD_UPDATED"]);
const OTHERS = new Set(["SESSION_CREATED", "USER_CHANGED", "SIGN_OUT"]);

/** The client, which starts from what the server knows. In the browser it also refreshes what Next.js fetches by itself. */
export function SessionRoot({ initial, children }: { initial: Snapshot; children: ReactNode }) {
  const [session] = useState(() => createSession({ initial }));
  const router = useRouter();
  useEffect(() => installFetch(session), [session]);
  useEffect(
    () =>
      session.on("*", ({ type, origin }) => {
        // The session is over or says something else, or another tab has signed in or out: the server says what may be seen.
        if (CHANGES.has(type) || (origin === "remote-tab" && OTHERS.has(type))) router.refresh();
      }),
    [router, session],
  );
  return <Session value={session}>{children}</Session>;
}
// ANCHOR_END: root

function useClient(): SessionClient {
  const session = use(Session);
  if (!session) throw new Error("this is not inside of SessionRoot");
  return session;
}

// ANCHOR: try-refresh
/** Shown instead of a page that was asked for with an expired token by other means than opening it. */
export function TryRefresh() {
  const session = useClient();
  const router = useRouter();
  const [trouble, setTrouble] = useState(false);
  useEffect(() => {
    session.refresh().then(
      () => router.refresh(), // the server renders the page, or sends to sign in
      () => setTrouble(true),
    );
  }, [router, session]);
  return <p>{trouble ? "The server cannot be reached. You are still signed in." : "One moment …"}</p>;
}
// ANCHOR_END: try-refresh

// ANCHOR: sign-in
export function SignIn({ back }: { back: string }) {
  const session = useClient();
  const signIn = async (form: FormData) => {
    const body = new URLSearchParams({ user: String(form.get("user")) });
    const answer = await session.fetch("/sign-in", { method: "POST", body });
    if (answer.ok) location.assign(back);
  };
  return (
    <form action={signIn}>
      <label htmlFor="user">Name (staff have names like staff-ada)</label>
      <input id="user" name="user" autoComplete="username" required />
      <button type="submit">Sign in</button>
    </form>
  );
}

export function SignOut() {
  const session = useClient();
  return (
    <button type="button" onClick={() => session.signOut().then(() => location.assign("/"))}>
      Sign out
    </button>
  );
}
// ANCHOR_END: sign-in

/** Calls a route of this app that wants a session. */
export function Note() {
  const session = useClient();
  const [said, setSaid] = useState("");
  const note = async () => {
    const answer = await session.fetch("/api/note", { method: "POST", body: "hello" });
    setSaid(await answer.text());
  };
  return (
    <p>
      <button type="button" onClick={note}>
        Note
      </button>{" "}
      <output>{said}</output>
    </p>
  );
}

/** Where the user is signed in. It asks the API by itself, and refreshes if need be. */
export function YourDevices() {
  return <Devices client={useClient()} loginUrl="/login" />;
}
