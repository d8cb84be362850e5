"""What the numbers say: places, spreads, outliers, roll-ups, robustness. Functions of numbers; imports no Django model."""
