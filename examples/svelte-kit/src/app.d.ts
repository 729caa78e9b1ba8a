import type { SessionLocals } from "hallpass/sveltekit";

declare global {
  namespace App {
    interface Locals extends SessionLocals {}
  }
}
