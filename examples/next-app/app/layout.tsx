import { getServerSession } from "hallpass/next";
import type { Metadata } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { SessionRoot } from "../lib/client";
import { sessions } from "../lib/server";
import "./style.css";

export const metadata: Metadata = { title: "Sessions in a Next.js app", icons: "data:," };

/** It guards nothing: pages do. */
export default async function Layout({ children }: { children: ReactNode }) {
  const { snapshot } = await getServerSession(sessions);
  return (
    <html lang="en">
      <body>
        <header>
          <Link href="/">Home</Link>
          <Link href="/account">Account</Link>
          <Link href="/staff">Staff</Link>
          <Link href="/devices">Your devices</Link>
        </header>
        <SessionRoot initial={snapshot}>{children}</SessionRoot>
      </body>
    </html>
  );
}
