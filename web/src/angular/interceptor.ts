// Requests of `HttpClient` with the session: no patching of anything that the page shares.
import {
  type HttpErrorResponse,
  type HttpEvent,
  HttpEventType,
  HttpHeaders,
  type HttpInterceptorFn,
  type HttpRequest,
  type HttpResponse,
} from "@angular/common/http";
import { inject } from "@angular/core";
import { Observable, type Subscription } from "rxjs";
import type { Answer } from "../types.js";
import { SessionService } from "./service.js";

type Outcome = HttpResponse<unknown> | HttpErrorResponse;

/** For `provideHttpClient(withInterceptors([sessionInterceptor]))`. Requests to other hosts go through untouched. */
export const sessionInterceptor: HttpInterceptorFn = (request, next) => {
  const { client } = inject(SessionService);
  return new Observable<HttpEvent<unknown>>((told) => {
    const stop = new AbortController();
    let sent: Subscription | undefined;
    const send = (headers: Headers, credentials: RequestCredentials | undefined) =>
      new Promise<Answer & { outcome: Outcome }>((done, fail) => {
        sent = next(withSession(request, headers, credentials)).subscribe({
          next: (event) => (event.type === HttpEventType.Response ? done(answerOf(event)) : told.next(event)),
          error: (error) => (error.status ? done(answerOf(error)) : fail(error)),
        });
      });
    const { document } = globalThis;
    const answer =
      document &&
      client.exchange(new URL(request.urlWithParams, document.baseURI), () => ({
        request: { method: request.method, headers: headersOf(request.headers), signal: stop.signal },
        credentials: request.credentials ?? (request.withCredentials ? "include" : undefined),
        send,
      }));
    if (!answer) return next(request).subscribe(told);
    answer.then(
      ({ outcome }) => {
        if (!outcome.ok) return told.error(outcome);
        told.next(outcome as HttpResponse<unknown>);
        told.complete();
      },
      (error) => told.error(error),
    );
    return () => {
      stop.abort();
      sent?.unsubscribe();
    };
  });
};

const withSession = (
  request: HttpRequest<unknown>,
  headers: Headers,
  credentials: RequestCredentials | undefined,
): HttpRequest<unknown> =>
  request.clone({
    headers: new HttpHeaders(Object.fromEntries(headers)),
    withCredentials: credentials === "include",
    // Only `fetch` understands more, and only where it is asked for it.
    ...(request.credentials && credentials && { credentials }),
  });

function headersOf(given: HttpHeaders): Headers {
  const headers = new Headers();
  for (const name of given.keys()) for (const value of given.getAll(name) ?? []) headers.append(name, value);
  return headers;
}

function answerOf(outcome: Outcome): Answer & { outcome: Outcome } {
  const { status } = outcome;
  const headers = headersOf(outcome.headers);
  const clone = () => {
    const body = outcome.ok ? (outcome as HttpResponse<unknown>).body : (outcome as HttpErrorResponse).error;
    const isText = typeof body === "string" || body instanceof Blob || body instanceof ArrayBuffer;
    const mayHaveBody = ![204, 205, 304].includes(status);
    return new Response(mayHaveBody ? (isText ? body : JSON.stringify(body)) : null, { status, headers });
  };
  return { status, headers, outcome, clone };
}
