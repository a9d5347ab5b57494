/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.hop;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.rpc.session.Answer;
import java.util.concurrent.CompletableFuture;

/** How a batch, or a piece of one, is sent. Safe for many threads. */
@FunctionalInterface
public interface BatchCaller {
  CompletableFuture<Answer> call(EventBatch batch, Origin origin);
}
