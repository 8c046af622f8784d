"""What a class has been given, told: a web page, tables, and the forms that other graders take."""
