/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.interceptor;

import io.millrace.api.HeaderConflict;

/** Flume's {@code preserveExisting} in our words. Stateless. */
final class HeaderConflicts {
  private HeaderConflicts() {}

  static HeaderConflict of(boolean preserveExisting) {
    return preserveExisting ? HeaderConflict.KEEP_EXISTING : HeaderConflict.REPLACE;
  }
}
