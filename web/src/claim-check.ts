// Claims as a client asks about them: first what is wanting is fetched, then every validator is asked.
import { claimErrors } from "./exchange.js";
import type { ClaimContext, ClaimError, ClaimValidator, Payload, SessionClient, SessionLock } from "./types.js";

type Claims = SessionClient["claims"] & {
  validate(validators: readonly ClaimValidator[], options?: { userContext?: unknown }): Promise<ClaimError[]>;
};

export function claimChecks(
  payload: () => Promise<Payload>,
  lock: SessionLock,
  lockName: string,
  context: (userContext: unknown) => ClaimContext,
): Claims {
  return {
    async validate(validators: readonly ClaimValidator[], options = {}) {
      if (!validators.length) return [];
      const asked = context(options.userContext);
      let found = await payload();
      const fetchWanting = async () => {
        for (const validator of validators) {
          if (!(await validator.shouldRefresh((found = await payload()), asked))) continue;
          try {
            await validator.refresh(asked);
          } catch (error) {
            console.error(error);
          }
        }
        found = await payload();
      };
      const wanting = await Promise.all(validators.map((validator) => validator.shouldRefresh(found, asked)));
      // One caller at a time, so that the others find what the first has fetched.
      if (wanting.includes(true)) await lock(lockName, fetchWanting);
      const errors: ClaimError[] = [];
      for (const validator of validators) {
        const verdict = await validator.validate(found, asked);
        if (!verdict.isValid) errors.push({ id: validator.id, reason: verdict.reason });
      }
      return errors;
    },

    value: async (claim, options = {}) => claim.getValueFromPayload(await payload(), context(options.userContext)),

    async invalidFrom(answer) {
      const body =
        answer instanceof Response ? await answer.clone().text() : ((answer as { data?: unknown }).data ?? answer);
      return claimErrors(typeof body === "string" ? JSON.parse(body) : body);
    },
  };
}
