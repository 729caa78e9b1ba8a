import { getServerSession } from "hallpass/next";
import Link from "next/link";
import type { ReactNode } from "react";
import { SessionRoot } from "../lib/client";
import { sessions } from "../lib/server";

/** It guards nothing: pages do. */
export default async function Layout({ children }: { children: ReactNode }) {
  const { snapshot } = await getServerSession(sessions);
  return (
    <html lang="en">
      <body>
        <nav>
          <Link href="/">Home</Link> <Link href="/account">Account</Link> <Link href="/staff">Staff</Link>
        </nav>
        <SessionRoot initial={snapshot}>{children}</SessionRoot>
      </body>
    </html>
  );
}
