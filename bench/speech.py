"""The same words for the fake and for live encoding: pictures are alike only if both speak."""

TEXT = (
    "Good morning, and welcome to the tour of our new office. On the left you can see the kitchen, "
    "where coffee is free for everybody, and fresh fruit arrives on Monday. Behind the glass door "
    "is the quiet room: please switch off your phone before you go in. Would you like to know more "
    "about the garden on the roof? It opens at nine, closes when it gets dark, and from there you "
    "can see the river, the bridge and, on a clear day, the hills behind the town. Now follow me, "
    "and mind the step; the lift is on the right. Upstairs we will meet the people who look after "
    "the network, the printers and, most of all, the plants. They know everything about light and "
    "water, and they will gladly tell you. After that there is time for questions, a short walk "
    "around the block, and lunch. Thank you for coming, and enjoy the rest of the day with us."
)
"""About a minute."""
