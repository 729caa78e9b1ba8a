// A fact in the access token, as backends write it: a value, and when it was fetched.
import type { Claim, ClaimContext, ClaimValidator, ClaimVerdict, Payload } from "../types.js";

/** How a claim is made. */
export interface ClaimOptions {
  /** The key in the payload. */
  id: string;
  /** Makes the server fetch the value anew. */
  refresh(context: ClaimContext): Promise<void> | void;
  /** How old a value may be, in seconds, unless a question says otherwise. Default: any age. */
  defaultMaxAgeInSeconds?: number;
}

/** What every question may be given: how old a value may be, in seconds, and what the question is called in errors. */
export type Asked = [maxAgeInSeconds?: number | undefined, id?: string | undefined];

/** What all claims have in common. */
abstract class ValueClaim<T> implements Claim<T> {
  readonly id: string;
  readonly refresh: ClaimOptions["refresh"];

  constructor(private readonly options: ClaimOptions) {
    this.id = options.id;
    this.refresh = options.refresh;
  }

  getValueFromPayload(payload: Payload): T | undefined {
    return (payload[this.id] as { v?: T } | undefined)?.v;
  }

  getLastFetchedTime(payload: Payload): number | undefined {
    return (payload[this.id] as { t?: number } | undefined)?.t;
  }

  /**
   * @param expected what to say was expected.
   * @param wrong what to say instead where there is another value.
   */
  protected question(
    expected: object,
    isRight: (actual: T) => boolean,
    [maxAgeInSeconds = this.options.defaultMaxAgeInSeconds, id = this.id]: Asked,
    wrong = expected,
  ): ClaimValidator {
    const failed = (message: string, more: object): ClaimVerdict => ({ isValid: false, reason: { message, ...more } });
    /** What is wrong before the value is looked at. */
    const stale = (payload: Payload, { now }: ClaimContext): ClaimVerdict | undefined => {
      const actualValue = this.getValueFromPayload(payload);
      if (actualValue === undefined) return failed("value does not exist", { ...expected, actualValue });
      const ageInSeconds = Math.floor((now() - (this.getLastFetchedTime(payload) ?? 0)) / 1000);
      // What is no time is as old as can be.
      return maxAgeInSeconds !== undefined && !(ageInSeconds <= maxAgeInSeconds)
        ? failed("expired", { ageInSeconds, maxAgeInSeconds })
        : undefined;
    };
    return {
      id,
      refresh: this.refresh,
      shouldRefresh: (payload, context) => !!stale(payload, context),
      validate: (payload, context) => {
        const verdict = stale(payload, context);
        if (verdict) return verdict;
        const actualValue = this.getValueFromPayload(payload) as T;
        return isRight(actualValue) ? { isValid: true } : failed("wrong value", { ...wrong, actualValue });
      },
    };
  }
}

/** A claim with a single value. */
export class PrimitiveClaim<T> extends ValueClaim<T> {
  /** Questions about the value. */
  readonly validators = {
    hasValue: (expectedValue: T, ...asked: Asked) =>
      this.question({ expectedValue }, (actual) => actual === expectedValue, asked),
  };
}

/** Yes or no. */
export class BooleanClaim extends ValueClaim<boolean> {
  /** Questions about the value. */
  readonly validators = {
    hasValue: (expectedValue: boolean, ...asked: Asked) =>
      this.question({ expectedValue }, (actual) => actual === expectedValue, asked),
    isTrue: (...asked: Asked) => this.validators.hasValue(true, ...asked),
    isFalse: (...asked: Asked) => this.validators.hasValue(false, ...asked),
  };
}

/** Several values. */
export class PrimitiveArrayClaim<T> extends ValueClaim<T[]> {
  /** What is no list has nothing in it, and leaves nothing out. */
  protected override question(expected: object, isRight: (actual: T[]) => boolean, asked: Asked, wrong?: object) {
    return super.question(expected, (actual) => Array.isArray(actual) && isRight(actual), asked, wrong);
  }

  private including(expectedToInclude: T | T[], values: T[], asked: Asked) {
    return this.question({ expectedToInclude }, (actual) => values.every((one) => actual.includes(one)), asked);
  }

  private excluding(expectedToNotInclude: T | T[], values: T[], asked: Asked) {
    return this.question({ expectedToNotInclude }, (actual) => !values.some((one) => actual.includes(one)), asked);
  }

  /** Questions about the values. */
  readonly validators = {
    includes: (value: T, ...asked: Asked) => this.including(value, [value], asked),
    includesAll: (values: T[], ...asked: Asked) => this.including(values, values, asked),
    includesAny: (values: T[], ...asked: Asked) =>
      this.question({ expectedToInclude: values }, (actual) => values.some((one) => actual.includes(one)), asked, {
        expectedToIncludeAtLeastOneOf: values,
      }),
    excludes: (value: T, ...asked: Asked) => this.excluding(value, [value], asked),
    excludesAll: (values: T[], ...asked: Asked) => this.excluding(values, values, asked),
  };
}
