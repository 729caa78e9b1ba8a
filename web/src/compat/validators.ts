// Claim validators as apps have them that were written for `supertokens-website`.
import type { ClaimContext, ClaimValidator } from "../types.js";

/** Those validators get what the app passed along; ours get more. A context that is both. */
const both = (context: ClaimContext): ClaimContext => ({ ...(context.userContext as object), ...context });

/** A validator that finds in its context what the app passed along. */
export const inContext = (validator: ClaimValidator): ClaimValidator => ({
  id: validator.id,
  refresh: (context) => validator.refresh(both(context)),
  shouldRefresh: (payload, context) => validator.shouldRefresh(payload, both(context)),
  validate: (payload, context) => validator.validate(payload, both(context)),
});

let added: ClaimValidator[] = [];

/** What is asked of every session, added by parts of an app before `init`. */
export const SessionClaimValidatorStore = {
  addClaimValidatorFromOtherRecipe(validator: ClaimValidator): void {
    added = [...added, validator];
  },
  getClaimValidatorsAddedByOtherRecipes: (): ClaimValidator[] => added,
};
