/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.admin;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * One address of the endpoint and what it answers. At most {@link #MAX_AT_ONCE} requests of a route
 * are worked on at a time, so that one that hangs leaves threads to the others. Safe for many
 * threads.
 */
public final class Route {
  /** Requests of one route that are worked on at a time; more are answered 503. */
  static final int MAX_AT_ONCE = 3;

  private static final String ANY = "GET, POST, …";

  /** What a route does. Called by several threads at once. */
  @FunctionalInterface
  public interface Handler {
    Answer answer(Request request) throws Exception;
  }

  /**
   * What came of a command.
   *
   * @param isDone false when nothing was changed
   * @param message what was done, or why nothing was
   */
  public record Outcome(boolean isDone, String message) {}

  /** Who may give commands. */
  public enum Access {
    LOOPBACK,
    ANYONE,
    NOBODY
  }

  private final String method;
  private final String path;
  private final String summary;
  private final Handler handler;
  private final Semaphore atOnce = new Semaphore(MAX_AT_ONCE);

  private Route(String method, String path, String summary, Handler handler) {
    this.method = method;
    this.path = path;
    this.summary = summary;
    this.handler = handler;
  }

  /** Answers every method, as Flume's metrics do. */
  public static Route any(String path, String summary, Handler handler) {
    return new Route(ANY, path, summary, handler);
  }

  /** Answers {@code GET} and {@code HEAD}. */
  public static Route get(String path, String summary, Handler handler) {
    return new Route("GET", path, summary, handler);
  }

  /**
   * Answers {@code POST} with what came of a command: 200 when it was done, 422 when it was
   * refused. A page in somebody's browser cannot give it, wherever the browser runs.
   */
  public static Route command(
      String path, String summary, Access access, Supplier<Outcome> command) {
    return new Route(
        "POST",
        path,
        summary,
        request -> {
          if (request.isFromPage()) {
            return Answer.text(403, "Forbidden: commands are not taken from web pages.\n");
          }
          boolean isAllowed =
              access == Access.ANYONE
                  || access == Access.LOOPBACK && request.peer().isLoopbackAddress();
          if (!isAllowed) {
            return Answer.text(
                403,
                "Forbidden: commands are taken from "
                    + (access == Access.NOBODY ? "nobody" : "this host only")
                    + " (-Dmillrace.admin.commands=loopback|any|none).\n");
          }
          Outcome outcome = command.get();
          Map<String, Object> tree = new LinkedHashMap<>();
          tree.put("done", outcome.isDone());
          tree.put("message", outcome.message());
          return Answer.readableJson(outcome.isDone() ? 200 : 422, tree);
        });
  }

  String path() {
    return path;
  }

  String method() {
    return method;
  }

  boolean isCommand() {
    return method.equals("POST");
  }

  String summary() {
    return summary;
  }

  boolean isAt(String requested) {
    return path.equalsIgnoreCase(requested);
  }

  boolean takes(String requestMethod) {
    return method.equals(ANY)
        || method.equals(requestMethod)
        || method.equals("GET") && requestMethod.equals("HEAD");
  }

  Answer answer(Request request) throws Exception {
    if (!atOnce.tryAcquire()) {
      return Answer.text(
          503, path + " is being answered " + MAX_AT_ONCE + " times already. Ask again later.\n");
    }
    try {
      return handler.answer(request);
    } finally {
      atOnce.release();
    }
  }
}
