import { guardPage } from "hallpass/next";
import { Note, SignOut, TryRefresh } from "../../lib/client";
import { sessions } from "../../lib/server";

/** For whoever is signed in. */
export default async function Account() {
  const session = await guardPage(sessions, { loginUrl: "/login" });
  if (session.status !== "valid") return <TryRefresh />;
  return (
    <main>
      <h1>Account of {session.userId}</h1>
      <Note />
      <SignOut />
    </main>
  );
}
