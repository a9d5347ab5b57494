/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.disk;

import java.io.IOException;

/**
 * There is no space for what was to be written.
 *
 * @since 0.1
 */
public final class DiskFullException extends IOException {
  public DiskFullException(String message, Throwable cause) {
    super(message, cause);
  }

  public DiskFullException(String message) {
    super(message);
  }
}
