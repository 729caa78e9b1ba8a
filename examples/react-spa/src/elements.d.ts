// Hallpass's elements, as JSX knows them.
import type { HTMLAttributes } from "react";

type CustomElement = HTMLAttributes<HTMLElement>;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "hallpass-devices": CustomElement;
      "hallpass-denied": CustomElement;
      "hallpass-sign-out": CustomElement;
    }
  }
}
