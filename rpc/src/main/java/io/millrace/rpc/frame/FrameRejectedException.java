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
  private final transient Frame beginning;

  FrameRejectedException(Reason reason, Frame beginning, String message) {
    super(message);
    this.reason = reason;
    this.beginning = beginning;
  }

  /** Serial of the frame, if it got that far, and what had arrived of its message. */
  public Frame beginning() {
    return beginning;
  }

  public Reason reason() {
    return reason;
  }
}
