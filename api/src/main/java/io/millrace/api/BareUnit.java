/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/** Unit of a number that is written without one. */
public enum BareUnit {
  NONE,
  MILLISECONDS,
  SECONDS,
  BYTES
}
