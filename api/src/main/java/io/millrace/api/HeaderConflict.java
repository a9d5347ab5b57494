/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/** Which value stays when a header is set on an event that has one of that name. */
public enum HeaderConflict {
  KEEP_EXISTING,
  REPLACE
}
