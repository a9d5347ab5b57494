/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop.peer;

import io.millrace.systemtests.interop.EventSender;
import io.millrace.systemtests.interop.TestEvent;
import java.util.List;
import java.util.Properties;
import org.apache.flume.Event;
import org.apache.flume.EventDeliveryException;
import org.apache.flume.api.RpcClient;
import org.apache.flume.api.RpcClientFactory;
import org.apache.flume.event.EventBuilder;

/** A client that flume-ng-sdk makes from its properties. */
public final class SdkSender implements EventSender {
  private final RpcClient client;

  public SdkSender(Properties properties) {
    client = RpcClientFactory.getInstance(properties);
  }

  @Override
  public void send(List<TestEvent> batch) throws EventDeliveryException {
    if (batch.size() == 1) {
      client.append(event(batch.get(0)));
    } else {
      client.appendBatch(batch.stream().map(SdkSender::event).toList());
    }
  }

  private static Event event(TestEvent event) {
    return EventBuilder.withBody(event.body(), event.headers());
  }

  @Override
  public void close() {
    client.close();
  }
}
