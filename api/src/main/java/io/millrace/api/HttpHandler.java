/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Makes events of the requests that an http source receives. One instance serves all connections,
 * from several threads at a time, which are those that also read the sockets: it must not wait for
 * anything.
 *
 * @since 0.1
 */
public interface HttpHandler {
  /**
   * The events of a request, all of which are stored or none; an empty batch is answered 200 as
   * well.
   *
   * @throws RejectedException when the request cannot be understood: answered 400 with the message,
   *     which must hold nothing that the client sent
   */
  EventBatch read(HttpRequest request);
}
