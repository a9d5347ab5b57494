/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import io.millrace.api.ConfigurationException;
import io.millrace.api.MillraceException;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.journal.JournalException;

/** Says a failure of the journal in the words of the engine. Stateless. */
final class JournalFailure {
  private JournalFailure() {}

  static MillraceException of(String channel, JournalException e) {
    String message = "Channel " + channel + ": " + e.getMessage();
    return switch (e.code()) {
      case FORMAT_NEWER, FOREIGN_DIRECTORY, KEY_MISSING, KEY_WRONG ->
          new ConfigurationException(message, e);
      case LOCKED, QUEUE_FULL, CLOSED, APPEND_IN_DOUBT -> new TransientException(message, e);
      case STORAGE_UNUSABLE, STORAGE_FULL, STORAGE_FAILED, LANE_STOPPED ->
          new StorageException(message, e);
    };
  }
}
