/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.rpc.session.Answer;

/** What a connection tells the sender. Immutable. */
sealed interface Outcome {
  /** A connection stands. */
  record Connected(Server server, Link link) implements Outcome {}

  /** A call ended: with an answer, or with a failure where the answer is null. */
  record Ended(Call call, Answer answer, Throwable failure) implements Outcome {}
}
