import { useState } from "react";

/** Calls a route of this app that wants a session. */
export function Note() {
  const [said, setSaid] = useState("");
  const note = async () => setSaid(await (await fetch("/api/note", { method: "POST", body: "hello" })).text());
  return (
    <p>
      <button type="button" onClick={note}>
        Note
      </button>{" "}
      <output>{said}</output>
    </p>
  );
}
