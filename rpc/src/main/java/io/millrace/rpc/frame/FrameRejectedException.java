/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.frame;

/** Bytes that are no frame we take. Nothing was allocated on their word; the connection is lost. */
public final class FrameRejectedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why a frame was refused. */
  public enum Reason {
    /** A count or length that cannot be. */
    MALFORMED,
    /** A frame above a limit. */
    TOO_LARGE
  }

  private final Reason reason;

  public FrameRejectedException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
