"""Facts about a unit: scopes, bindings, qualified names, value kinds, call arguments, roles and the flow of origins."""
