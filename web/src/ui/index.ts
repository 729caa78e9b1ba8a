import type { Payload, SessionClient } from "../types.js";
import { DeniedElement } from "./denied.js";
import { DevicesElement } from "./devices.js";
import { shared, type UiOptions } from "./element.js";
import { ExpiredElement } from "./expired.js";
import { RolesElement } from "./roles.js";
import { SignOutElement } from "./sign-out.js";

export { DeniedElement } from "./denied.js";
export { type Device, deviceName, deviceOf } from "./device.js";
export { DevicesElement } from "./devices.js";
export { HallpassElement, type UiOptions } from "./element.js";
export { ExpiredElement } from "./expired.js";
export type { OwnSession } from "./own-sessions.js";
export { RolesElement } from "./roles.js";
export { SignOutElement } from "./sign-out.js";
export { defaultTexts, type Texts } from "./texts.js";

declare global {
  interface HTMLElementTagNameMap {
    "hallpass-sign-out": SignOutElement;
    "hallpass-expired": ExpiredElement;
    "hallpass-denied": DeniedElement;
    "hallpass-devices": DevicesElement;
    "hallpass-roles": RolesElement;
  }
}

const ELEMENTS = {
  "hallpass-sign-out": SignOutElement,
  "hallpass-expired": ExpiredElement,
  "hallpass-denied": DeniedElement,
  "hallpass-devices": DevicesElement,
  "hallpass-roles": RolesElement,
};

/**
 * Makes the browser know the elements, and gives them a client. Called again it gives another one to those that are put on the
 * page from then on. On a server it does nothing.
 */
export function defineElements<P extends object = Payload>(client: SessionClient<P>, options: UiOptions = {}): void {
  shared.client = client as unknown as SessionClient;
  shared.options = options;
  if (typeof customElements === "undefined") return;
  for (const [name, element] of Object.entries(ELEMENTS))
    if (!customElements.get(name)) customElements.define(name, element);
}
