// Has whatever asks for React get React 18: the tests by Vitest's aliases, and what Node loads by itself here.
import Module from "node:module";

type Resolve = (request: string, ...rest: unknown[]) => string;

const node = Module as unknown as { _resolveFilename: Resolve };
const resolve = node._resolveFilename;

node._resolveFilename = (request, ...rest) =>
  resolve.call(Module, request.replace(/^(react|react-dom)(?=\/|$)/, "$1-18"), ...rest);
