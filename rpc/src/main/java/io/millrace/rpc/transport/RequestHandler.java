/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.Request;
import java.util.concurrent.CompletableFuture;

/**
 * Carries out the calls that a server receives. Called on event loops: must not block. Requests of
 * one connection come one after another in their order; their answers may complete in any.
 */
@FunctionalInterface
public interface RequestHandler {
  /** A failed future, or a throw, answers FAILED. */
  CompletableFuture<Answer> handle(Request request);
}
