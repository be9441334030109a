"""What tests build with: databases, module builders, a workspace in two lines."""
