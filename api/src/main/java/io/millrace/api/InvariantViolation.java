/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * A defect of ours. The component is stopped, its state is logged, and it is started anew with
 * back-off.
 *
 * @since 0.1
 */
public final class InvariantViolation extends MillraceException {
  private static final long serialVersionUID = 1L;

  public InvariantViolation(String message) {
    super(message, null);
  }

  /** Throws unless {@code holds}. */
  public static void check(boolean holds, String message) {
    if (!holds) {
      throw new InvariantViolation(message);
    }
  }
}
