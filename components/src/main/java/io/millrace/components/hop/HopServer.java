/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.hop;

import io.millrace.api.EventBatch;
import io.millrace.api.HeaderConflict;
import io.millrace.api.Metrics;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.Output;
import io.millrace.api.RejectedException;
import io.millrace.api.SourceContext;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.Method;
import io.millrace.rpc.session.Request;
import io.millrace.rpc.session.ServerDialect;
import io.millrace.rpc.transport.RpcServer;
import io.millrace.rpc.transport.ServerSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * The server of a source that takes batches. Each request goes on as one batch; it is answered when
 * every required channel has it, so that an answer OK is a promise. Requests come from many
 * threads; start and stop are called by one at a time.
 */
public final class HopServer {
  /** How long a stop waits for what is in flight. */
  private static final Duration STOP_GRACE = Duration.ofSeconds(5);

  /** Hands the batch of a request to the source's output. Safe for many threads. */
  @FunctionalInterface
  public interface Emitter {
    CompletableFuture<Void> emit(Request request);
  }

  private final String name;
  private final Supplier<ServerDialect> dialect;
  private final Supplier<ServerSettings> settings;
  private final Optional<String> clientAddressHeader;
  private final SourceContext context;
  private final Output output;
  private final Emitter emitter;
  private final Counter appendReceived;
  private final Counter appendAccepted;
  private final Counter batchReceived;
  private final Counter batchAccepted;
  private final Counter rejectedTooLarge;
  private volatile RpcServer server;

  /**
   * @param name what errors and the log call the source, such as "Avro source r1"
   * @param dialect asked for one at each start
   * @param settings read at each start, for key stores and addresses may change
   * @param clientAddressHeader header of the events that gets the client's address, if any
   */
  public HopServer(
      String name,
      Supplier<ServerDialect> dialect,
      Supplier<ServerSettings> settings,
      Optional<String> clientAddressHeader,
      SourceContext context,
      Emitter emitter) {
    this.name = name;
    this.dialect = dialect;
    this.settings = settings;
    this.clientAddressHeader = clientAddressHeader;
    this.context = context;
    this.output = context.output();
    this.emitter = emitter;
    Metrics metrics = context.metrics();
    this.appendReceived = metrics.counter("AppendReceivedCount");
    this.appendAccepted = metrics.counter("AppendAcceptedCount");
    this.batchReceived = metrics.counter("AppendBatchReceivedCount");
    this.batchAccepted = metrics.counter("AppendBatchAcceptedCount");
    this.rejectedTooLarge = metrics.counter("RequestsRejectedTooLarge");
  }

  /**
   * Listens from now on.
   *
   * @throws TransientException when the address cannot be listened on
   */
  public void start() {
    ServerSettings current = settings.get();
    InetSocketAddress address = current.address();
    String trouble = name + " cannot listen on " + address.getHostString();
    if (address.isUnresolved()) {
      throw new TransientException(
          trouble
              + ": the name is unknown. Correct 'bind', or use 0.0.0.0 for every address of this"
              + " host.");
    }
    try {
      server =
          RpcServer.open(
              name, dialect.get(), current, this::take, context.metrics(), context.threads("io"));
    } catch (IOException e) {
      throw new TransientException(
          trouble
              + " port "
              + address.getPort()
              + ": "
              + e.getMessage()
              + ". Stop whatever uses the port (ss -ltnp shows it) or change 'bind' or 'port'.",
          e);
    }
  }

  /** The address listened on, with the actual port; null before start. */
  public InetSocketAddress address() {
    RpcServer running = server;
    return running == null ? null : running.address();
  }

  public void stop() throws InterruptedException {
    RpcServer running = server;
    if (running != null) {
      running.stop(STOP_GRACE);
      server = null;
    }
  }

  /** What the client says of its own address in that header does not count. */
  private Request withClientAddress(Request request) {
    return clientAddressHeader
        .map(
            header ->
                request.with(
                    request
                        .batch()
                        .withHeader(header, request.peer().host(), HeaderConflict.REPLACE)))
        .orElse(request);
  }

  private CompletableFuture<Answer> take(Request received) {
    Request request = withClientAddress(received);
    boolean isSingle = request.method() == Method.APPEND;
    (isSingle ? appendReceived : batchReceived).increment();
    EventBatch batch = request.batch();
    if (batch.encodedBytes() > output.maxBatchBytes()) {
      rejectedTooLarge.increment();
      return CompletableFuture.completedFuture(
          Answer.CallError.permanent(
              "Batch refused: "
                  + batch.encodedBytes()
                  + " bytes (expected: at most "
                  + output.maxBatchBytes()
                  + ", what the channels of this source accept). Send fewer events at a time."));
    }
    Counter accepted = isSingle ? appendAccepted : batchAccepted;
    if (batch.isEmpty()) {
      accepted.increment();
      return CompletableFuture.completedFuture(Answer.Status.OK);
    }
    return emitter
        .emit(request)
        .handle(
            (nothing, failure) -> {
              if (failure == null) {
                accepted.increment();
                return Answer.Status.OK;
              }
              return answerTo(failure);
            });
  }

  /** Failures that time may cure answer FAILED; the others must not be tried again as they are. */
  private static Answer answerTo(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof TransientException || cause instanceof StorageException) {
      return Answer.Status.FAILED;
    }
    if (cause instanceof RejectedException) {
      return Answer.CallError.permanent("Events refused: " + cause.getMessage());
    }
    throw cause instanceof RuntimeException e ? e : new CompletionException(cause);
  }
}
