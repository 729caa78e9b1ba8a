import { guardPage } from "hallpass/next";
import { TryRefresh } from "../../lib/client";
import { sessions } from "../../lib/server";
import { staff } from "../../lib/staff";

/** For staff; others are told that there is no such page. */
export default async function Staff() {
  const session = await guardPage(sessions, { loginUrl: "/login", validators: [staff] });
  if (session.status !== "valid") return <TryRefresh />;
  return (
    <main>
      <h1>Staff: {session.userId}</h1>
    </main>
  );
}
