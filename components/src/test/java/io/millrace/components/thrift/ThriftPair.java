/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.thrift;

import io.millrace.api.DataSize;
import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.HopLimits;
import io.millrace.components.testing.ToySinkContext;
import io.millrace.components.testing.ToySourceContext;
import io.millrace.kit.tls.ClientTlsOptions;
import io.millrace.kit.tls.ServerTlsOptions;
import io.millrace.rpc.thrift.ThriftProtocol;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Sources and sinks as a configuration would make them, on loopback. Stateless. */
final class ThriftPair {
  private ThriftPair() {}

  static ThriftSource source(
      ToySourceContext context, int port, ThriftProtocol protocol, ServerTlsOptions tls) {
    return source(context, port, protocol, tls, ProxyProtocolOptions.OFF);
  }

  static ThriftSource source(
      ToySourceContext context,
      int port,
      ThriftProtocol protocol,
      ServerTlsOptions tls,
      ProxyProtocolOptions proxy) {
    return (ThriftSource)
        new ThriftSourceOptions(
                "localhost",
                port,
                protocol,
                Optional.empty(),
                tls,
                HopLimits.ample(),
                proxy,
                false,
                Optional.empty(),
                Optional.empty())
            .build(context);
  }

  static ThriftSink sink(
      ToySinkContext context,
      int port,
      ThriftProtocol protocol,
      int maxFrameBytes,
      Duration resetInterval,
      ClientTlsOptions tls) {
    return (ThriftSink)
        new ThriftSinkOptions(
                "localhost",
                port,
                protocol,
                100,
                8,
                DataSize.ofBytes(maxFrameBytes),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                resetInterval,
                tls,
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty())
            .build(context);
  }

  static EventBatch batch(int first, int events) {
    EventBatch.Builder builder = EventBatch.builder();
    EncodedHeaders headers = EncodedHeaders.of(Map.of("name", "value"));
    for (int i = first; i < first + events; i++) {
      builder.add(headers, ("body " + i).getBytes(StandardCharsets.UTF_8));
    }
    return builder.build();
  }

  static <T> T get(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }
}
