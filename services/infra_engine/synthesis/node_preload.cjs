'use strict';
// Loaded into jsii's Node before anything else. It stands in for two modules:
// - The AWS bindings' entry loads all their 2,100 modules (seconds and 400 MB); the package's own lazy-index.js offers the
//   same names and loads a module when it is used, but nothing in the package points there.
// - cdktf keeps the stack trace of each token's creation for its error messages: a quarter of a synthesis. We have none.

const Module = require('module');
const path = require('path');

const AWS_INDEX = path.join('@cdktf', 'provider-aws', 'lib', 'index.js');
const STACK_TRACE = path.join('cdktf', 'lib', 'tokens', 'private', 'stack-trace.js');

const resolve = Module._resolveFilename;

Module._resolveFilename = function (...asked) {
  const found = resolve.apply(this, asked);
  if (found.endsWith(AWS_INDEX)) return path.join(path.dirname(found), 'lazy-index.js');
  if (found.endsWith(STACK_TRACE)) return __filename;
  return found;
};

exports.captureStackTrace = () => [];
