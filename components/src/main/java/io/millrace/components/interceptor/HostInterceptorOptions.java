/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.interceptor;

import io.millrace.api.Component;
import io.millrace.api.ComponentContext;
import io.millrace.api.ComponentKind;
import io.millrace.api.Interceptor;
import io.millrace.api.InterceptorOptions;
import io.millrace.api.Option;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Options of the host interceptor. Immutable. */
@Component(
    kind = ComponentKind.INTERCEPTOR,
    name = "host",
    flumeClasses = {
      "org.apache.flume.interceptor.HostInterceptor$Builder",
      "org.apache.flume.interceptor.HostInterceptor"
    },
    summary = "Puts the address or name of this host in a header.")
public record HostInterceptorOptions(
    @Option(doc = "Whether an origin that an event already has stays.", def = "false")
        boolean preserveExisting,
    @Option(
            doc = "The IP address when true, the fully qualified host name when false.",
            def = "true")
        boolean useIP,
    @Option(doc = "Header that gets the origin.", def = "host") String hostHeader)
    implements InterceptorOptions {
  private static final Logger LOG = LoggerFactory.getLogger(HostInterceptorOptions.class);

  @Override
  public Interceptor build(ComponentContext context) {
    return build(InetAddress::getLocalHost, context.name());
  }

  Interceptor build(LocalHost localHost, String name) {
    String origin;
    try {
      InetAddress address = localHost.lookUp();
      origin = useIP ? address.getHostAddress() : address.getCanonicalHostName();
    } catch (UnknownHostException e) {
      // Events are worth more than this header: they pass without it, as in Flume.
      LOG.warn(
          "Interceptor {}: the address of this host cannot be found ({}); events pass without the"
              + " header {} until the agent is started again",
          name,
          e.getMessage(),
          hostHeader);
      return batch -> batch;
    }
    return batch -> batch.withHeader(hostHeader, origin, HeaderConflicts.of(preserveExisting));
  }

  /** Finds the address of this host. */
  @FunctionalInterface
  interface LocalHost {
    InetAddress lookUp() throws UnknownHostException;
  }
}
