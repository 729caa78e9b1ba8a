// `<hallpass-roles>`: the roles that the access token names.
import type { SessionClient } from "../types.js";
import { h } from "./dom.js";
import { HallpassElement } from "./element.js";

/** Where roles are in the payload of an access token. */
const CLAIM = "st-role";

/** Without a session there is nothing to be seen. */
export class RolesElement extends HallpassElement {
  protected override draw(client: SessionClient): Node[] {
    const { payload } = client.snapshot();
    if (!payload) return [];
    const { texts } = this;
    const roles = rolesIn(payload);
    const badges = (roles.length ? roles : [texts.noRoles]).map((role) => h("li", { part: "badge" }, role));
    return [h("ul", { part: "badges", role: "list", "aria-label": texts.roles }, ...badges)];
  }
}

/** The roles in a payload; whatever else may be there is none. */
export function rolesIn(payload: Record<string, unknown>): string[] {
  const claim = payload[CLAIM] as { v?: unknown } | null | undefined;
  return Array.isArray(claim?.v) ? claim.v.filter((role) => typeof role === "string") : [];
}
