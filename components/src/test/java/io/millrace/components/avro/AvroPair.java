/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import io.millrace.api.SinkContext;
import io.millrace.api.SourceContext;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.HopLimits;
import io.millrace.kit.tls.ClientTlsOptions;
import io.millrace.kit.tls.ServerTlsOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Sources and sinks as a configuration would make them, on loopback. Stateless. */
final class AvroPair {
  private AvroPair() {}

  /** On a free port; {@code rules} are of the address filter, which is off without any. */
  static AvroSource source(
      SourceContext context, CompressionType compression, ServerTlsOptions tls, String... rules) {
    return (AvroSource)
        new AvroSourceOptions(
                "localhost",
                0,
                Optional.empty(),
                compression,
                rules.length > 0,
                List.of(rules),
                tls,
                HopLimits.ample(),
                ProxyProtocolOptions.OFF)
            .build(context);
  }

  static AvroSink sink(
      SinkContext context,
      int port,
      CompressionType compression,
      int level,
      ClientTlsOptions tls,
      boolean isTlsOutermost) {
    return (AvroSink)
        new AvroSinkOptions(
                "localhost",
                port,
                100,
                8,
                true,
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                Duration.ZERO,
                compression,
                level,
                tls,
                isTlsOutermost,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty())
            .build(context);
  }
}
