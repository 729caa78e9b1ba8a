import { guardPage } from "hallpass/next";
import { YourDevices } from "../../lib/client";
import { sessions } from "../../lib/server";

/** For whoever is signed in. */
export default async function DevicesPage() {
  await guardPage(sessions, { loginUrl: "/login" });
  return (
    <main>
      <YourDevices />
    </main>
  );
}
