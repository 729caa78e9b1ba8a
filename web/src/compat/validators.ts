// Claims and their validators as apps have them that were written for `supertokens-website`.
import type { Claim, ClaimContext, ClaimValidator, ClaimVerdict, Payload } from "../types.js";

/** What the app has passed along, and what this package's own claims need. */
type Context = ClaimContext & Record<string, unknown>;

/** A question about the payload. */
export interface SessionClaimValidator {
  readonly id: string;
  refresh(context: Context): Promise<void> | void;
  shouldRefresh(payload: Payload, context: Context): Promise<boolean> | boolean;
  validate(payload: Payload, context: Context): Promise<ClaimVerdict> | ClaimVerdict;
}

/** A custom claim. */
export interface SessionClaim<T> {
  refresh(context: Context): Promise<void> | void;
  getValueFromPayload(payload: Payload, context: Context): T | undefined;
  getLastFetchedTime(payload: Payload, context: Context): number | undefined;
}

/** They get what the app passed along; ours get more. A context that is both. */
const both = (context: ClaimContext): Context => ({ ...(context.userContext as object), ...context });

/** A validator that finds in its context what the app passed along. A client waits for its verdict, if need be. */
export const inContext = (validator: SessionClaimValidator): ClaimValidator => ({
  id: validator.id,
  refresh: (context) => validator.refresh(both(context)),
  shouldRefresh: (payload, context) => validator.shouldRefresh(payload, both(context)),
  validate: (payload, context) => validator.validate(payload, both(context)) as ClaimVerdict,
});

/** A claim that finds it there, too. */
export const claimInContext = <T>(claim: SessionClaim<T>): Claim<T> => ({
  id: "",
  refresh: (context) => claim.refresh(both(context)),
  getValueFromPayload: (payload, context) => claim.getValueFromPayload(payload, both(context)),
  getLastFetchedTime: (payload, context) => claim.getLastFetchedTime(payload, both(context)),
});

let added: SessionClaimValidator[] = [];

/** What is asked of every session, added by parts of an app before `init`. */
export const SessionClaimValidatorStore = {
  addClaimValidatorFromOtherRecipe(validator: SessionClaimValidator): void {
    added = [...added, validator];
  },
  getClaimValidatorsAddedByOtherRecipes: (): SessionClaimValidator[] => added,
};
