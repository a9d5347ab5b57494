/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

/** What becomes of an agent with errors. */
public enum Strictness {
  /** It does not start. */
  STRICT,
  /** What cannot be used is left out and the rest runs, as in Apache Flume. */
  LENIENT
}
