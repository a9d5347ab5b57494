/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.sink;

import io.millrace.api.Sink;
import io.millrace.connectors.kafka.testing.Broker;
import io.millrace.connectors.kafka.testing.Options;
import io.millrace.connectors.kafka.testing.ToyContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Sinks of one test. Confined to its thread. */
final class SinkScene {
  private final Broker broker;
  private final List<Sink> started = new ArrayList<>();

  SinkScene(Broker broker) {
    this.broker = broker;
  }

  KafkaSinkOptions options(Map<String, String> more) {
    Map<String, String> given = new HashMap<>();
    given.put("kafka.bootstrap.servers", broker.server().bootstrap());
    // What is not there is waited for as long; tests of that say less.
    given.put("kafka.producer.max.block.ms", "60000");
    given.putAll(more);
    return Options.read(KafkaSinkOptions.class, given);
  }

  Sink start(ToyContext context, Map<String, String> more) throws Exception {
    Sink sink = options(more).build(context);
    sink.start();
    started.add(sink);
    return sink;
  }

  Sink start(Map<String, String> more) throws Exception {
    return start(new ToyContext("out"), more);
  }

  void stop() throws Exception {
    for (Sink sink : started) {
      sink.stop();
    }
  }
}
