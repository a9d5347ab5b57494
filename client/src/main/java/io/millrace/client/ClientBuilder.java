/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.Backoff;
import io.millrace.api.DataSize;
import io.millrace.kit.tls.ClientTlsOptions;
import io.millrace.kit.tls.TlsSelectionOptions;
import io.millrace.rpc.thrift.ThriftProtocol;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Says how a client is to be; whatever is not said has a default. Confined to one thread.
 *
 * @since 0.1
 */
public final class ClientBuilder {
  private final List<ServerAddress> servers = new ArrayList<>();
  private String name = "events";
  private Routing routing = Routing.FAILOVER;
  private int batchEvents = 100;
  private DataSize batchBytes = DataSize.ofBytes(128 << 10);
  private Duration linger = Duration.ofMillis(5);
  private DataSize maxBufferedBytes = DataSize.ofMebibytes(16);
  private WhenFull whenFull = WhenFull.block(Duration.ofSeconds(60));
  private Duration connectTimeout = Duration.ofSeconds(20);
  private Duration requestTimeout = Duration.ofSeconds(20);
  private Duration deliveryTimeout = Duration.ofMinutes(2);
  private int maxAttempts = Integer.MAX_VALUE;
  private int maxInFlight = 8;
  private boolean preserveOrder = true;
  private Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));
  private Optional<ThriftOptions> thrift = Optional.empty();
  private Optional<Integer> compressionLevel = Optional.empty();
  private ClientTlsOptions tls = ClientTlsOptions.none();
  private Optional<ClientListener> listener = Optional.empty();

  ClientBuilder() {}

  /** Name in logs and of threads. */
  public ClientBuilder name(String value) {
    name = value;
    return this;
  }

  /** Adds a server; their order is that of preference. */
  public ClientBuilder server(String host, int port) {
    servers.add(new ServerAddress(host, port));
    return this;
  }

  /** Adds a server; their order is that of preference. */
  public ClientBuilder server(ServerAddress address) {
    servers.add(address);
    return this;
  }

  /** Which of several servers gets a call; {@link Routing#FAILOVER} when not set. */
  public ClientBuilder routing(Routing value) {
    routing = value;
    return this;
  }

  /** Most events in one call; 100 when not set. */
  public ClientBuilder batchEvents(int value) {
    batchEvents = value;
    return this;
  }

  /** Most encoded bytes in one call; 128 KiB when not set. A larger event travels alone. */
  public ClientBuilder batchBytes(DataSize value) {
    batchBytes = value;
    return this;
  }

  /**
   * How long an event may wait for others to share its call; 5 ms when not set. Blocking calls and
   * {@link EventClient#flush} do not wait.
   */
  public ClientBuilder linger(Duration value) {
    linger = value;
    return this;
  }

  /**
   * Bound of the memory for events that are not settled; 16 MiB when not set. Counted are the
   * encoded events and {@value Parcel#OVERHEAD_BYTES} bytes for each send. Calls under way take
   * their bytes once more until they are answered, and once more while they are written: at most
   * {@link #maxInFlight} times {@link #batchBytes} for each server.
   */
  public ClientBuilder maxBufferedBytes(DataSize value) {
    maxBufferedBytes = value;
    return this;
  }

  /** What a send does without room in the buffer; blocks up to 60 s when not set. */
  public ClientBuilder whenFull(WhenFull value) {
    whenFull = value;
    return this;
  }

  /** Longest time until a connection stands; 20 s when not set. */
  public ClientBuilder connectTimeout(Duration value) {
    connectTimeout = value;
    return this;
  }

  /** Longest time from a call to its answer; 20 s when not set. */
  public ClientBuilder requestTimeout(Duration value) {
    requestTimeout = value;
    return this;
  }

  /**
   * No call is begun or repeated for an event older than this, which then fails; 2 minutes when not
   * set. A call that is under way is waited for.
   */
  public ClientBuilder deliveryTimeout(Duration value) {
    deliveryTimeout = value;
    return this;
  }

  /** Most calls for one event; without bound when not set. */
  public ClientBuilder maxAttempts(int value) {
    maxAttempts = value;
    return this;
  }

  /**
   * Most calls to one server that wait for their answer; 8 when not set. With 1 and one server
   * events arrive in their order also after a failure.
   */
  public ClientBuilder maxInFlight(int value) {
    maxInFlight = value;
    return this;
  }

  /**
   * Whether a Flume server, which carries out the calls of a connection in any order, gets one at a
   * time; true when not set. A Millrace server keeps the order in any case.
   */
  public ClientBuilder preserveOrder(boolean value) {
    preserveOrder = value;
    return this;
  }

  /**
   * How long a server that failed is left out: {@code first} after one failure, doubling up to
   * {@code ceiling}, each shortened at random by up to a half. 100 ms to 5 s when not set.
   */
  public ClientBuilder backoff(Duration first, Duration ceiling) {
    backoff = new Backoff(first, ceiling);
    return this;
  }

  /** Speaks Thrift RPC in this encoding instead of Avro RPC; the servers must say the same. */
  public ClientBuilder thrift(ThriftProtocol protocol) {
    return thrift(ThriftOptions.of(protocol));
  }

  /**
   * Speaks Thrift RPC instead of Avro RPC, over one connection to each server with several calls
   * under way. A Thrift server carries them out in their order, {@link #preserveOrder} or not.
   */
  public ClientBuilder thrift(ThriftOptions value) {
    thrift = Optional.of(value);
    return this;
  }

  /** Compresses the connection with zlib at this level, 0 to 9; the server must say so too. */
  public ClientBuilder compression(int level) {
    compressionLevel = Optional.of(level);
    return this;
  }

  /** Speaks TLS, trusting what the JVM trusts. */
  public ClientBuilder tls() {
    return tls(Optional.empty(), Optional.empty());
  }

  /** Speaks TLS, trusting the certificates of a JKS or PKCS#12 store. */
  public ClientBuilder tls(Path truststore, String password) {
    return tls(Optional.of(truststore), Optional.of(password));
  }

  private ClientBuilder tls(Optional<Path> truststore, Optional<String> password) {
    return tls(
        new ClientTlsOptions(
            true,
            false,
            true,
            truststore,
            password,
            Optional.empty(),
            TlsSelectionOptions.defaults()));
  }

  /** How to speak TLS, in all its options. */
  public ClientBuilder tls(ClientTlsOptions value) {
    tls = value;
    return this;
  }

  /** Who hears of failures, in place of the log. */
  public ClientBuilder listener(ClientListener value) {
    listener = Optional.of(value);
    return this;
  }

  /**
   * What has been said so far.
   *
   * @throws IllegalArgumentException when a value is out of its bounds, or there is no server
   */
  public ClientOptions options() {
    return new ClientOptions(
        name,
        servers,
        routing,
        batchEvents,
        batchBytes,
        linger,
        maxBufferedBytes,
        whenFull,
        connectTimeout,
        requestTimeout,
        deliveryTimeout,
        maxAttempts,
        maxInFlight,
        preserveOrder,
        backoff,
        thrift,
        compressionLevel,
        tls);
  }

  /**
   * Makes the client. It connects when there is something to send, so that a server may be away
   * now.
   *
   * @throws IllegalArgumentException when a value is out of its bounds, or there is no server
   * @throws io.millrace.api.ConfigurationException when the trust store cannot serve
   * @throws io.millrace.api.TransientException when it cannot be read now
   */
  public EventClient build() {
    return EventClient.open(options(), listener.orElseGet(() -> new LoggingListener(name)));
  }
}
