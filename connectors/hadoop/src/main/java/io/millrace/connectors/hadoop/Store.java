/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.ConfigurationException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.security.PrivilegedExceptionAction;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.SecurityUtil;
import org.apache.hadoop.security.UserGroupInformation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file system of a sink, as the user whom the sink is: a client of its own, so that closing it
 * closes nobody else's. Guarded by {@code this}; what it lends is safe for many threads.
 */
final class Store {
  private static final Logger log = LoggerFactory.getLogger(Store.class);
  private static final String BEST_EFFORT =
      "dfs.client.block.write.replace-datanode-on-failure.best-effort";

  private final String sink;
  private final StoreOptions options;
  private final String root;
  private final boolean isRawLocal;
  private final Configuration configuration;
  private UserGroupInformation login;
  private UserGroupInformation user;
  private FileSystem files;

  /**
   * @param root a path on the file system, which says which one it is
   * @param isRawLocal whether local files are written without Hadoop's layer of checksums, through
   *     which nothing can be synced
   */
  Store(String sink, StoreOptions options, String root, boolean isRawLocal) {
    this.isRawLocal = isRawLocal;
    this.sink = sink;
    this.options = options;
    this.root = root;
    this.configuration = configuration(options);
  }

  private static Configuration configuration(StoreOptions options) {
    Configuration configuration = new Configuration();
    // Classes that it names are in the plug-in, whoever's thread this is.
    configuration.setClassLoader(Store.class.getClassLoader());
    // Hadoop would close its clients as soon as the process is told to end, beside the agent's stop
    // that is about to close files with them.
    configuration.setBoolean("fs.automatic.close", false);
    List<String> places = new ArrayList<>(options.hadoopConf());
    String environment = System.getenv("HADOOP_CONF_DIR");
    if (places.isEmpty() && environment != null && !environment.isBlank()) {
      places.add(environment);
    }
    for (String place : places) {
      java.nio.file.Path path = java.nio.file.Path.of(place);
      if (!java.nio.file.Files.exists(path)) {
        throw new ConfigurationException(
            "millrace.hadoopConf",
            path + " does not exist (expected: a directory with core-site.xml, or such a file)");
      }
      if (java.nio.file.Files.isRegularFile(path)) {
        configuration.addResource(new Path(path.toUri()));
        continue;
      }
      for (String name : new String[] {"core-site.xml", "hdfs-site.xml"}) {
        java.nio.file.Path file = path.resolve(name);
        if (java.nio.file.Files.exists(file)) {
          configuration.addResource(new Path(file.toUri()));
        }
      }
    }
    // A write goes on with the data nodes that are left, as long as one is: the name node copies
    // the block again. What Hadoop's files or the sink's options say has precedence.
    if (configuration.getPropertySources(BEST_EFFORT) == null
        || isOnlyDefault(configuration.getPropertySources(BEST_EFFORT))) {
      configuration.setBoolean(BEST_EFFORT, true);
    }
    options.hadoop().forEach(configuration::set);
    return configuration;
  }

  private static boolean isOnlyDefault(String[] sources) {
    for (String source : sources) {
      if (!source.contains("-default.xml")) {
        return false;
      }
    }
    return true;
  }

  Configuration configuration() {
    return configuration;
  }

  /**
   * Logs in if need be and opens the client; what does not depend on the servers fails at once.
   *
   * @throws IOException when it does not work now
   */
  synchronized void open() throws IOException {
    if (options.principal().isPresent()) {
      logIn();
    } else {
      login = UserGroupInformation.getCurrentUser();
    }
    user =
        options.proxyUser().isPresent()
            ? UserGroupInformation.createProxyUser(options.proxyUser().get(), login)
            : login;
    files = as(this::connect);
  }

  private void logIn() throws IOException {
    if (!"kerberos".equalsIgnoreCase(configuration.get("hadoop.security.authentication"))) {
      log.warn(
          "Sink {}: hdfs.kerberosPrincipal is set, but hadoop.security.authentication is {}"
              + " (expected: kerberos); the sink does not log in",
          sink,
          configuration.get("hadoop.security.authentication"));
      login = UserGroupInformation.getCurrentUser();
      return;
    }
    UserGroupInformation.setConfiguration(configuration);
    String principal =
        SecurityUtil.getServerPrincipal(
            options.principal().orElseThrow(), InetAddress.getLocalHost().getCanonicalHostName());
    login =
        UserGroupInformation.loginUserFromKeytabAndReturnUGI(
            principal, options.keytab().orElseThrow().toString());
    log.info("Sink {}: logged in as {}", sink, login.getUserName());
  }

  private FileSystem connect() throws IOException {
    URI uri = new Path(root.isEmpty() ? "/" : root).toUri();
    // Else Hadoop closes it at SIGTERM, while the sink still has files to close.
    configuration.setBoolean("fs.automatic.close", false);
    FileSystem opened =
        uri.getScheme() == null
            ? FileSystem.newInstance(configuration)
            : FileSystem.newInstance(uri, configuration);
    if (opened instanceof LocalFileSystem local && isRawLocal) {
      return local.getRawFileSystem();
    }
    return opened;
  }

  /** Renews the ticket when most of its life is over. To be called now and then. */
  void renew() throws IOException {
    UserGroupInformation current;
    synchronized (this) {
      current = login;
    }
    if (current != null && current.isFromKeytab()) {
      current.checkTGTAndReloginFromKeytab();
    }
  }

  synchronized FileSystem files() {
    return files;
  }

  /** Calls with the rights of the sink's user. */
  <T> T as(Callable<T> call) throws IOException {
    UserGroupInformation current;
    synchronized (this) {
      current = user;
    }
    try {
      return current.doAs((PrivilegedExceptionAction<T>) call::call);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (java.lang.reflect.UndeclaredThrowableException e) {
      throw new IOException(String.valueOf(e.getCause()), e.getCause());
    }
  }

  /** Closes the client. */
  void close() throws IOException {
    FileSystem open;
    synchronized (this) {
      open = files;
      files = null;
    }
    if (open != null) {
      open.close();
    }
  }
}
