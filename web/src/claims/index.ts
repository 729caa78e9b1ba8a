// Claims: facts about the user in the access token, and questions about them.
import { PrimitiveArrayClaim } from "./claim.js";

export { type Asked, BooleanClaim, type ClaimOptions, PrimitiveArrayClaim, PrimitiveClaim } from "./claim.js";

/** What the backend keeps in the token by itself: pages cannot have it fetched. */
const refresh = () => {};

/** The user's roles. */
export const UserRoleClaim: PrimitiveArrayClaim<string> = new PrimitiveArrayClaim({ id: "st-role", refresh });

/** What those allow. */
export const PermissionClaim: PrimitiveArrayClaim<string> = new PrimitiveArrayClaim({ id: "st-perm", refresh });
