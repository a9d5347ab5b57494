/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.metrics;

import java.util.Map;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;

/** Shows one component's metrics as read-only attributes. Safe for many threads. */
final class ComponentBean implements DynamicMBean {
  private final ComponentMetrics metrics;

  ComponentBean(ComponentMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public Object getAttribute(String name) throws AttributeNotFoundException {
    Object value = metrics.value(name);
    if (value == null) {
      throw new AttributeNotFoundException(metrics.key() + " has no attribute " + name);
    }
    return value;
  }

  @Override
  public AttributeList getAttributes(String[] names) {
    AttributeList attributes = new AttributeList();
    for (String name : names) {
      Object value = metrics.value(name);
      if (value != null) {
        attributes.add(new Attribute(name, value));
      }
    }
    return attributes;
  }

  @Override
  public void setAttribute(Attribute attribute) throws AttributeNotFoundException {
    throw new AttributeNotFoundException(attribute.getName() + " cannot be set");
  }

  @Override
  public AttributeList setAttributes(AttributeList attributes) {
    return new AttributeList();
  }

  @Override
  public Object invoke(String action, Object[] parameters, String[] signature) {
    throw new IllegalArgumentException("action: " + action + " (expected: none, there are none)");
  }

  @Override
  public MBeanInfo getMBeanInfo() {
    MBeanAttributeInfo[] attributes =
        metrics.values().entrySet().stream()
            .map(ComponentBean::attribute)
            .toArray(MBeanAttributeInfo[]::new);
    return new MBeanInfo(
        ComponentMetrics.class.getName(), metrics.key(), attributes, null, null, null);
  }

  private static MBeanAttributeInfo attribute(Map.Entry<String, Object> value) {
    return new MBeanAttributeInfo(
        value.getKey(),
        value.getValue().getClass().getName(),
        value.getKey(),
        /* isReadable= */ true,
        false,
        false);
  }
}
