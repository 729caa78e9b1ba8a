// Claims as a client asks about them: first what is wanting is fetched, then every validator is asked.
import { attempt } from "./attempt.js";
import type { Change } from "./state.js";
import type { ClaimContext, ClaimError, ClaimValidator, Payload, SessionClient, SessionLock } from "./types.js";

/** What a body of a 403 says. */
const errorsIn = (body: unknown): ClaimError[] => {
  const errors = (body as { claimValidationErrors?: unknown } | null)?.claimValidationErrors;
  return Array.isArray(errors) ? errors.filter((error) => typeof error?.id === "string") : [];
};

/** What clients do with claims. */
type ClaimChecks = SessionClient["claims"] & {
  /** Tells what an answer says that refuses a request. */
  forbidden(answer: Response, fire: (change: Change) => void): Promise<void>;
};

export function claimChecks<P extends object>(client: SessionClient<P>, lock: SessionLock, api: string): ClaimChecks {
  const payload = async () => (await client.payload()) as Payload;
  const contextOf = ({ userContext }: { userContext?: unknown } = {}): ClaimContext => ({
    now: client.now,
    fetch: client.fetch,
    userContext,
  });

  const fetchWanting = async (validators: readonly ClaimValidator[], context: ClaimContext) => {
    for (const validator of validators) {
      if (!(await validator.shouldRefresh(await payload(), context))) continue;
      try {
        await validator.refresh(context);
      } catch (error) {
        console.error(`claim ${validator.id} was not fetched`, error);
      }
    }
  };

  return {
    async validate(validators, asking) {
      if (!validators.length) return [];
      const context = contextOf(asking);
      const before = await payload();
      const wanting = await Promise.all(validators.map((validator) => validator.shouldRefresh(before, context)));
      // One caller at a time, so that the others find what the first has fetched.
      if (wanting.includes(true)) await lock(`${api}#claims`, () => fetchWanting(validators, context));
      const after = await payload();
      const errors: ClaimError[] = [];
      for (const validator of validators) {
        const verdict = await validator.validate(after, context);
        if (!verdict.isValid) errors.push({ id: validator.id, reason: verdict.reason });
      }
      return errors;
    },

    value: async (claim, asking) => claim.getValueFromPayload(await payload(), contextOf(asking)),

    async forbidden(answer, fire) {
      const claimValidationErrors = errorsIn(await answer.json().catch(() => null));
      if (claimValidationErrors[0]) fire({ type: "API_INVALID_CLAIM", claimValidationErrors });
    },

    async invalidFrom(answer) {
      const body =
        answer instanceof Response
          ? await answer.clone().text()
          : ((answer as { data?: unknown } | null)?.data ?? answer);
      return errorsIn(typeof body === "string" ? attempt(() => JSON.parse(body)) : body);
    },
  };
}
