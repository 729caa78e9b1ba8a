import { getServerSession } from "hallpass/next";
import Link from "next/link";
import { SignOut } from "../lib/client";
import { sessions } from "../lib/server";

/** For everybody. */
export default async function Home() {
  const session = await getServerSession(sessions);
  return (
    <main>
      <h1>Hello, {session.userId ?? "stranger"}</h1>
      {session.status === "absent" ? <Link href="/login">Sign in</Link> : <SignOut />}
    </main>
  );
}
